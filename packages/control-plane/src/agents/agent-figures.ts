/** What /metrics tells of the agents. */
export interface AgentFigures {
  readonly acsSessions: number
  readonly tcsSessions: number
  /** State changes taken in since the start, by sessions of Berth's agents. */
  readonly stateChanges: number
  /** Messages that wait for the journal. */
  readonly waiting: number
  /** Tasks of another incarnation that agents run, as they last said. */
  readonly foreignTasks: number
  readonly isPaused: boolean
}
