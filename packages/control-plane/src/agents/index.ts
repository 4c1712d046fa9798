export type { Authorize, SessionRequest } from './admission.ts'
export { agentIdentity, agentMay, isAgent, ownsInstance, ownsTask } from './agent-identity.ts'
export type { Connection } from './connection.ts'
export {
  type AgentFigures,
  AgentGateway,
  type AgentGatewayOptions,
  createAgentGateway,
} from './gateway.ts'
export { type AgentLog, type AgentSettings, defaultAgentSettings } from './session-surroundings.ts'
export { createLatestSamples, type LatestSamples, type TaskSample, type TelemetrySink } from './telemetry.ts'
export { createUpgradeHandler, type HandleUpgrade } from './upgrade.ts'
