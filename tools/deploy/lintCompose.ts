import { parse } from 'yaml';
import { z } from 'zod';

/** The part of the compose specification that is used here; an unknown key is a mistyped one. */
const serviceSchema = z.strictObject({
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  image: z.string(),
  restart: z.enum(['unless-stopped', 'always', 'on-failure']),
  stop_grace_period: z.string().regex(/^\d+s$/),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
  ports: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  secrets: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  healthcheck: z
    .strictObject({ test: z.array(z.string()), interval: z.string(), timeout: z.string(), retries: z.int() })
    .optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()),
});

const composeSchema = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), serviceSchema),
  secrets: z.record(z.string(), z.strictObject({ file: z.string().startsWith('./') })),
  volumes: z.record(z.string(), z.null()),
});

type Service = z.output<typeof serviceSchema>;

const isTagged = (image: string): boolean => /^[\w./-]+:\d[\w.-]*$/.test(image);

const serviceFaults = (name: string, service: Service, file: z.output<typeof composeSchema>): readonly string[] => {
  const faults: string[] = [];
  if (!isTagged(service.image)) faults.push(`${name}: ${service.image} is not pinned to a version`);
  for (const port of service.ports ?? [])
    if (!/^127\.0\.0\.1:\d+:\d+$/.test(port)) faults.push(`${name}: ${port} is open to other machines`);
  for (const [variable, value] of Object.entries(service.environment ?? {}))
    if (/KEY|TOKEN|SECRET|PASSW|URL/i.test(variable) && !value.startsWith('/run/secrets/'))
      faults.push(`${name}: ${variable} holds a secret; refer to a file`);
  for (const secret of service.secrets ?? [])
    if (!(secret in file.secrets)) faults.push(`${name}: there is no secret ${secret}`);
  for (const volume of service.volumes ?? []) {
    const [source = ''] = volume.split(':');
    if (!source.startsWith('./') && !(source in file.volumes)) faults.push(`${name}: there is no volume ${source}`);
    if (/docker\.sock|^\/$/.test(source)) faults.push(`${name}: ${source} hands the machine over`);
  }
  for (const other of Object.keys(service.depends_on ?? {}))
    if (file.services[other]?.healthcheck === undefined)
      faults.push(`${name}: ${other} has no healthcheck to wait for`);
  if (!service.security_opt.includes('no-new-privileges:true')) faults.push(`${name}: it may gain privileges`);
  return faults;
};

/** What is wrong with a compose file, a line each; no engine is asked. */
export const lintCompose = (text: string): readonly string[] => {
  const read = composeSchema.safeParse(parse(text));
  if (!read.success) return read.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  const file = read.data;
  return Object.entries(file.services).flatMap(([name, service]) => serviceFaults(name, service, file));
};
