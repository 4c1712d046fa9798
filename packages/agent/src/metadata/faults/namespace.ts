import type { RunCommand } from '../command.ts'

/** A program of the host, in the network namespace of one container. */
export type RunInNamespace = RunCommand

/** `pid`: a process of the container. */
export const inNetworkOf =
  (run: RunCommand, pid: number): RunInNamespace =>
  (program, args, input) =>
    run('nsenter', [`--net=/proc/${pid}/ns/net`, '--', program, ...args], input)
