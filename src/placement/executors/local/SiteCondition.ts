/**
 * Weather of a virtual site. `down`: its power is lost and everything there is gone; `unreachable`: what runs goes on, but nobody can ask;
 * `preempt`: its capacity is being taken away, with notice.
 */
export type SiteCondition = 'none' | 'down' | 'unreachable' | 'preempt';
