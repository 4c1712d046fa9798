import type { Command } from '../command.ts'
import { agent } from './agent.ts'
import { backup, restore } from './backup.ts'
import { ca } from './ca.ts'
import { deploy } from './deploy.ts'
import { dns } from './dns.ts'
import { down } from './down.ts'
import { env } from './env.ts'
import { events } from './events.ts'
import { exec } from './exec.ts'
import { history } from './history.ts'
import { hosts } from './hosts.ts'
import { logs } from './logs.ts'
import { migrate } from './migrate.ts'
import { pause, resume } from './pause.ts'
import { profile } from './profile.ts'
import { ps } from './ps.ts'
import { runTask } from './run.ts'
import { server } from './server.ts'
import { status } from './status.ts'
import { stop } from './stop.ts'
import { up } from './up.ts'

export const commands: readonly Command[] = [
  up,
  down,
  status,
  server,
  agent,
  hosts,
  env,
  profile,
  ps,
  logs,
  events,
  history,
  exec,
  runTask,
  stop,
  deploy,
  migrate,
  pause,
  resume,
  dns,
  ca,
  backup,
  restore,
]
