import createClient from 'openapi-fetch'
import { Problem } from './problem'
import type { paths } from './schema'

/** Where the access token comes from; the session sets it (a cycle of imports otherwise). */
interface TokenSource {
  current(): string | null
  /** Gets a new access token with the refresh cookie; false = signed out. Throws when the line is down. */
  renew(): Promise<boolean>
  language(): string
}

let source: TokenSource = { current: () => null, renew: async () => false, language: () => 'zh-CN' }

export function useTokenSource(next: TokenSource): void {
  source = next
}

const OPEN_PATHS = ['/api/v1/login', '/api/v1/setup', '/api/v1/refresh', '/api/v1/system']

function dressed(request: Request): Request {
  const next = new Request(request)
  const token = source.current()
  if (token !== null) next.headers.set('Authorization', `Bearer ${token}`)
  next.headers.set('Accept-Language', source.language())
  return next
}

/** A 401 means that nothing was done, so the same request may follow once with a fresh token. */
export async function authorisedFetch(request: Request): Promise<Response> {
  const again = request.clone()
  const answer = await globalThis.fetch(dressed(request))
  if (answer.status !== 401 || OPEN_PATHS.includes(new URL(request.url).pathname)) return answer
  if (!(await source.renew())) return answer
  return globalThis.fetch(dressed(again))
}

export const client = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? '',
  credentials: 'same-origin',
  fetch: authorisedFetch,
})

interface Answer<T> { data?: T; error?: unknown; response: Response }

/** The data of an answer, or a thrown Problem. */
export async function must<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>
  try {
    answer = await call
  } catch (cause) {
    throw cause instanceof SyntaxError ? new Problem('server.unreadable') : Problem.from(cause)
  }
  if (!answer.response.ok) throw Problem.fromBody(answer.error, answer.response.status)
  return answer.data as T
}
