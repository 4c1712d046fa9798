/**
 * The program of pause containers, as a static executable of a few hundred bytes: it needs no registry and no compiler.
 * It ignores SIGCHLD, so that the kernel reaps what it inherits as process 1 of a shared PID namespace; then it waits
 * for SIGINT or SIGTERM, and ends with 0. Assembled once from the assembly beside each line.
 */

/** `rt_sigaction`'s argument for SIGCHLD: SIG_IGN, no flags, no restorer, no mask. Then the set of SIGINT and SIGTERM. */
const data = `0100000000000000${'00'.repeat(24)}0240000000000000`

const x64 = [
  '6a0d 58', // rax = 13, rt_sigaction
  '6a11 5f', // rdi = 17, SIGCHLD
  '488d3535000000', // rsi = the action below
  '31d2', // rdx = 0
  '6a08 415a', // r10 = 8, bytes of a signal set
  '0f05', // syscall
  '6a0e 58', // rax = 14, rt_sigprocmask
  '31ff', // rdi = 0, SIG_BLOCK
  '488d3541000000', // rsi = the set below
  '31d2 0f05', // rdx = 0, syscall
  'b880000000', // wait: rax = 128, rt_sigtimedwait
  '488d3d31000000', // rdi = the set below
  '31f6 31d2 0f05', // rsi = rdx = 0: for ever; syscall
  '85c0 78ea', // again when it was interrupted
  '6a3c 58 31ff 0f05', // exit(0)
]

const arm64 = [
  '200280d2', // x0 = 17, SIGCHLD
  '61020010', // x1 = the action below
  '020080d2', // x2 = 0
  '030180d2', // x3 = 8, bytes of a signal set
  'c81080d2 010000d4', // rt_sigaction (134)
  '000080d2', // x0 = 0, SIG_BLOCK
  'a1020010', // x1 = the set below
  'e81080d2 010000d4', // rt_sigprocmask (135)
  '40020010', // wait: x0 = the set below
  '010080d2 020080d2', // x1 = x2 = 0: for ever
  '281180d2 010000d4', // rt_sigtimedwait (137)
  '60ffffb7', // again when it was interrupted
  '000080d2 a80b80d2 010000d4', // exit(0) (93)
  '1f2003d5', // nop: aligns what follows
]

/** By architecture as Node names it: the code, and the number of the machine in an ELF header. */
const machines: Readonly<Record<string, { readonly code: readonly string[]; readonly machine: number }>> = {
  x64: { code: x64, machine: 62 },
  arm64: { code: arm64, machine: 183 },
}

const headerBytes = 64
const segmentBytes = 56
const loadAddress = 0x40_0000n
/** Larger than the pages of any kernel. */
const alignment = 0x1_0000n

const elfHeader = (machine: number): Buffer => {
  const header = Buffer.alloc(headerBytes)
  header.write('7f454c46020101', 'hex') // ELF, 64 bits, little endian, version 1
  header.writeUInt16LE(2, 16) // an executable
  header.writeUInt16LE(machine, 18)
  header.writeUInt32LE(1, 20)
  header.writeBigUInt64LE(loadAddress + BigInt(headerBytes + segmentBytes), 24) // entry
  header.writeBigUInt64LE(BigInt(headerBytes), 32) // where the one segment is described
  header.writeUInt16LE(headerBytes, 52)
  header.writeUInt16LE(segmentBytes, 54)
  header.writeUInt16LE(1, 56)
  return header
}

const segmentHeader = (bytes: number): Buffer => {
  const header = Buffer.alloc(segmentBytes)
  header.writeUInt32LE(1, 0) // to be loaded
  header.writeUInt32LE(5, 4) // readable and executable
  header.writeBigUInt64LE(loadAddress, 16)
  header.writeBigUInt64LE(loadAddress, 24)
  header.writeBigUInt64LE(BigInt(bytes), 32)
  header.writeBigUInt64LE(BigInt(bytes), 40)
  header.writeBigUInt64LE(alignment, 48)
  return header
}

/** Undefined for an architecture that no Linux host of Berth has. */
export const pauseProgram = (architecture: string): Buffer | undefined => {
  const known = machines[architecture]
  if (!known) return undefined
  const text = Buffer.from([...known.code, data].join('').replaceAll(' ', ''), 'hex')
  const bytes = headerBytes + segmentBytes + text.length
  return Buffer.concat([elfHeader(known.machine), segmentHeader(bytes), text])
}
