import { reactive, readonly } from 'vue'
import * as api from '@/api/calls'
import { useTokenSource } from '@/api/client'
import { Problem } from '@/api/problem'
import type { LoginAnswer, LoginRequest, Operator, Organisation, SetupRequest, SystemView } from '@/api/types'
import { setClock } from '@/format/time'
import { currentLanguage } from '@/i18n/language'

interface Session {
  /** `starting` until the first answer; `unreachable` = no answer yet, still trying. */
  status: 'starting' | 'unreachable' | 'setup' | 'signed-out' | 'signed-in'
  /** Signed out by the server and not by a person: the sign-in page says why it is there. */
  ranOut: boolean
  system: SystemView | null
  operator: Operator | null
  organisation: Organisation | null
}

const state = reactive<Session>({ status: 'starting', ranOut: false, system: null, operator: null, organisation: null })
export const session = readonly(state) as Readonly<Session>

// In memory only: a script that gets into the page finds nothing lasting to steal.
let token: string | null = null
let timer = 0
let renewing: Promise<boolean> | null = null
const tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('dianka-session')

async function askSystem(): Promise<SystemView> {
  const system = await api.system()
  state.system = system
  setClock(system.utc_offset_minutes)
  return system
}

function enter(answer: LoginAnswer): void {
  token = answer.access_token
  state.operator = answer.operator
  state.organisation = answer.organisation
  state.status = 'signed-in'
  state.ranOut = false
  globalThis.clearTimeout(timer)
  // A minute before its end, or at four fifths of a short life.
  const lifeMs = answer.expires_in_s * 1000
  timer = Number(globalThis.setTimeout(() => void renew().catch(retryLater), Math.max(lifeMs - 60_000, lifeMs * 0.8)))
}

function leave(): void {
  token = null
  globalThis.clearTimeout(timer)
  state.operator = null
  state.organisation = null
  state.status = 'signed-out'
}

function retryLater(): void {
  globalThis.clearTimeout(timer)
  timer = Number(globalThis.setTimeout(() => void renew().catch(retryLater), 10_000))
}

/** All tabs share one rotating cookie: they take turns, or one would present a token that another has just used up. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  return 'locks' in navigator && navigator.locks ? navigator.locks.request('dianka-refresh', work) as Promise<T> : work()
}

async function renewOnce(): Promise<boolean> {
  try {
    enter(await inTurn(api.refresh))
    return true
  } catch (cause) {
    const problem = Problem.from(cause)
    if (!problem.isRefusal) throw problem
    const ranOut = state.status === 'signed-in'
    leave()
    state.ranOut = ranOut
    return false
  }
}

/** A fresh access token; callers at the same time share one request. Throws when the line is down. */
export function renew(): Promise<boolean> {
  renewing ??= renewOnce().finally(() => { renewing = null })
  return renewing
}

export async function start(): Promise<void> {
  try {
    const system = await askSystem()
    if (system.needs_setup) state.status = 'setup'
    else await renew()
  } catch {
    state.status = 'unreachable'
    globalThis.setTimeout(() => void start(), 2_000)
  }
}

export async function signIn(request: LoginRequest): Promise<void> {
  enter(await api.login(request))
}

export async function setUp(request: SetupRequest): Promise<void> {
  enter(await api.setup(request))
  await askSystem()
}

export async function signOut(): Promise<void> {
  await api.logout()
  leave()
  tabs?.postMessage('signed-out')
}

if (tabs !== null) tabs.onmessage = () => leave()
useTokenSource({ current: () => token, renew, language: currentLanguage })
