export { containerSpec, type SpecContext, stopTimeoutOf } from './container-spec.ts'
export { logTarget } from './logging.ts'
export { engineContainerName, engineVolumeName, label, pauseContainerName } from './names.ts'
export { knownBindings, networkModeOf, toldBindings } from './network.ts'
