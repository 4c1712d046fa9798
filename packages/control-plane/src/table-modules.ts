/** The modules that export every live table: a journal's thread imports them to parse and index rows. */
export const tableModules: readonly URL[] = [
  new URL('./control-loop/effects-table.ts', import.meta.url),
  new URL('./services/acm/tables/index.ts', import.meta.url),
  new URL('./services/ec2/tables/index.ts', import.meta.url),
  new URL('./services/ecs/tables/index.ts', import.meta.url),
  new URL('./services/efs/tables/index.ts', import.meta.url),
  new URL('./services/elbv2/tables/index.ts', import.meta.url),
  new URL('./services/logs/tables/index.ts', import.meta.url),
  new URL('./services/secretsmanager/tables/index.ts', import.meta.url),
  new URL('./services/ssm/tables/index.ts', import.meta.url),
]
