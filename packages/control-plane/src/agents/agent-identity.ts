/** Part of the agents' side that ECS's operations need, too, and that therefore lives with them. */
export { agentIdentity, agentMay, isAgent, ownsInstance, ownsTask } from '../services/ecs/agent-identity.ts'
