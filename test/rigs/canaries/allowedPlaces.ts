/** A place in which a secret stands by right. */
export interface AllowedPlace {
  /** Path under the folder of outputs, after the process and the writer. */
  readonly path: RegExp;
  readonly slot: RegExp;
  readonly why: string;
}

/** One by one; whatever else holds a secret leaks it. */
export const allowedPlaces: readonly AllowedPlace[] = [
  {
    path: /^\d+-server\/stdout$/,
    slot: /^(admin|made) key$/,
    why: '`up --json` says the keys of a server once, to who started it',
  },
  {
    path: /^\d+-server\/files\/(sandbox\/)?control\.json$/,
    slot: /^(admin|made) key$/,
    why: 'the command line finds the server and its key there; only its user reads it',
  },
  {
    path: /^\d+-server\/files\/(sandbox\/)?postgres\/postgres\.json$/,
    slot: /^database password$/,
    why: 'the password of the embedded database, so that a restart finds it; only its user reads it',
  },
  {
    path: /^\d+-command-(keys-(create|rotate|rotate-admin)|init-\w*)\/stdout$/,
    slot: /^(made|admin) key$/,
    why: 'a key is shown once, when it is made',
  },
  {
    path: /^\d+-errors\/refusals$/,
    slot: /^(prompt|header of a client)$/,
    why: 'a refusal about the request tells the client what the client itself has said',
  },
  {
    path: /^\d+-errors\/raw$/,
    slot: /^client key$/,
    why: 'who writes a key as the name of a model or as a path is told that there is none of this name',
  },
];
