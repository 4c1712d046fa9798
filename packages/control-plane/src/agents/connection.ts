/** One open line to an agent, over whatever carries it: a WebSocket, or a simulated network. */
export interface Connection {
  /** Text frames leave in the order of the calls; a closed connection ignores them. */
  send(text: string): void
  /** A WebSocket close code; the close listener is called in any case, once. */
  close(code: number, reason: string): void
  /** Takes no frames in until `resume`: what the agent sends waits on its side. */
  pause(): void
  resume(): void
  onMessage(listener: (text: string) => void): void
  onClose(listener: (code: number, reason: string) => void): void
}
