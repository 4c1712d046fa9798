import type { EcsSettings } from '../../packages/control-plane/src/services/ecs/index.ts'

/** 2026-05-01T12:00:00Z, when every test starts. */
export const startedAt = new Date(Date.UTC(2026, 4, 1, 12))

/** What a server would be configured with, and where agents would find it. */
export const ecsSettings = {
  startedAt: () => startedAt.getTime(),
  lostAfterMs: { berth: 10_000, ecs: 150_000 },
  taskSettleMs: 0,
  endpoint: 'http://localhost:4566',
} satisfies EcsSettings & { endpoint: string }
