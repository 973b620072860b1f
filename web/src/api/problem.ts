import type { ProblemBody } from './types'

export type Params = Record<string, unknown>

/** A refusal or failure with its code; the texts come from the shared catalogue by that code. */
export class Problem extends Error {
  override readonly name = 'Problem'

  constructor(
    readonly code: string,
    readonly params: Params = {},
    readonly status = 0,
    readonly title = '',
    readonly actions: readonly string[] = [],
    readonly requestId = '',
  ) {
    super(title === '' ? code : `${code}: ${title}`)
  }

  /** The server answered and said no: what was asked did not happen. (Without an answer, or with a 5xx, it may have.) */
  get isRefusal(): boolean {
    return this.status >= 400 && this.status < 500
  }

  static fromBody(body: unknown, status: number): Problem {
    if (!isProblemBody(body)) return new Problem('server.unreadable', {}, status)
    return new Problem(body.code, body.params ?? {}, status, body.title, body.actions ?? [], body.request_id)
  }

  /** Anything thrown, as a problem. Whatever is not one of ours came from the line. */
  static from(cause: unknown): Problem {
    if (cause instanceof Problem) return cause
    return new Problem('offline')
  }
}

function isProblemBody(body: unknown): body is ProblemBody {
  return typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string'
}
