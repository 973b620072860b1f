import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as api from '@/api/calls'
import { Problem } from '@/api/problem'
import { session, signIn, start } from '@/session/session'
import type { LoginAnswer } from '@/api/types'

const answer = (token: string): LoginAnswer => ({
  access_token: token,
  expires_in_s: 300,
  operator: { id: 'o', login: 'li', name: 'Li', rights: [] },
  organisation: { id: 'g', code: 'A', name: 'Org', system_code: 1, mode: 'learning' },
})
const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status, headers: { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' } })
const problem = (code: string, status: number): Response => json({ code, status, title: code, params: {}, actions: [], type: 't', request_id: 'r' }, status)

let calls: string[] = []
function serve(handler: (path: string, authorization: string | null) => Response): void {
  vi.stubGlobal('fetch', vi.fn(async (request: Request) => {
    const path = new URL(request.url).pathname
    calls.push(path)
    return handler(path, request.headers.get('authorization'))
  }))
}

beforeEach(() => {
  calls = []
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('session', () => {
  it('starts silently from the cookie, and renews before the token ends', async () => {
    serve((path) => (path.endsWith('/system') ? json({ mode: 'learning', needs_setup: false, version: '1' }) : json(answer('one'))))
    await start()
    expect(session.status).toBe('signed-in')
    calls = []
    await vi.advanceTimersByTimeAsync(241_000)
    expect(calls).toEqual(['/api/v1/refresh'])
  })

  it('renews once for many calls at the same time, and sends them again', async () => {
    let valid = 'two'
    serve((path, authorization) => {
      if (path.endsWith('/login')) return json(answer('old'))
      if (path.endsWith('/refresh')) return json(answer(valid))
      return authorization === `Bearer ${valid}` ? json({ items: [], page: 1, per_page: 50, total: 0 }) : problem('auth.expired', 401)
    })
    await signIn({ login: 'li', password: 'x' })
    calls = []
    await Promise.all([api.sites(), api.areas(), api.tariffs()])
    expect(calls.filter((path) => path.endsWith('/refresh'))).toHaveLength(1)
    valid = 'three'
    await api.sites()
    expect(session.status).toBe('signed-in')
  })

  it('is over when the refresh token is refused, and not when the line is down', async () => {
    serve(() => json(answer('x')))
    await signIn({ login: 'li', password: 'x' })
    vi.stubGlobal('fetch', vi.fn(async () => { throw new TypeError('down') }))
    await expect(api.sites()).rejects.toMatchObject({ code: 'offline' })
    expect(session.status).toBe('signed-in')
    serve(() => problem('auth.refresh', 401))
    await expect(api.sites()).rejects.toBeInstanceOf(Problem)
    expect(session).toMatchObject({ status: 'signed-out', ranOut: true })
    serve(() => json(answer('y')))
    await signIn({ login: 'li', password: 'x' })
    expect(session.ranOut).toBe(false)
  })
})
