export { createContiguousPorts } from './contiguous-ports.ts'
export { createHostPorts } from './host-ports.ts'
export { createPortRanges } from './port-ranges.ts'
