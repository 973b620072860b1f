import type { Params } from '@/api/problem'
import type { WorkstationState } from '@/api/types'

const CODES: Record<string, string> = {
  'absent': 'reader.absent',
  'busy': 'reader.port_busy',
  'no-answer': 'reader.no_answer',
  'wrong-driver': 'reader.wrong_driver',
  'no-rights': 'reader.no_permission',
}

/** What keeps the reader from working, as a code of the catalogue; null when it works or is just being looked for. */
export function readerProblem(now: WorkstationState | null, name: string | null): { code: string; params: Params } | null {
  if (now === null || name === null) return null
  if (!now.connected) return { code: 'station.offline', params: { workstation: name } }
  if (!now.reader) return { code: 'reader.not_set', params: {} }
  const code = CODES[now.reader.state]
  return code === undefined ? null : { code, params: { port: now.reader.port, driver_id: now.reader.driver_id } }
}
