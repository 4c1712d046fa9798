import type { PlantedBug } from '../seams.ts'
import { doubledEffect, forgottenStop, wrongAdoption } from './calls.ts'
import { agentsToldBeforeDurable, answersBeforeDurable, lostWrite, staleEpoch } from './durability.ts'
import {
  droppedAcknowledgement,
  lateReportWins,
  lostReport,
  missedRedelivery,
  numbersRestart,
  sharedCredentials,
  stoppedNotFinal,
  wishedStatus,
  wrongExitCode,
} from './messages.ts'
import { overcommit, reusedPort } from './placement.ts'
import {
  forgetfulBreaker,
  freedTooEarly,
  givesUpEarly,
  launchesOneTooMany,
  lostWake,
  missedChange,
  skippedExpects,
  stopsOneTooMany,
} from './reconciling.ts'

/** Small mutations of the product that the checkers must see: a green simulation alone proves nothing. */
export const plantedBugs: readonly PlantedBug[] = [
  answersBeforeDurable,
  agentsToldBeforeDurable,
  lostWrite,
  staleEpoch,
  skippedExpects,
  lostWake,
  missedChange,
  stopsOneTooMany,
  launchesOneTooMany,
  givesUpEarly,
  freedTooEarly,
  forgetfulBreaker,
  reusedPort,
  overcommit,
  droppedAcknowledgement,
  missedRedelivery,
  numbersRestart,
  lateReportWins,
  lostReport,
  wrongExitCode,
  wishedStatus,
  stoppedNotFinal,
  sharedCredentials,
  doubledEffect,
  wrongAdoption,
  forgottenStop,
]
