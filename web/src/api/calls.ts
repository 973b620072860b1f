// Every call of the page to the server, by name.
import { authorisedFetch, client, must } from './client'
import { Problem } from './problem'
import type {
  Activation, BenchPlace, Driver, LoginRequest, Meter, NewAccount, NewArea, NewMeter, NewMeterType, NewSite, NewTariff, NewVendorKey,
  NewWorkstation, PortTest, QuoteRequest, ReaderSettings, ReplacementRequest, SaleRequest, SetupRequest, WorkstationChange,
} from './types'

/** The bench numbers its cards and meters. */
const nth = (value: string) => ({ params: { path: { id: Number(value) } } })
const id = (value: string) => ({ params: { path: { id: value } } })

export interface ListQuery { q?: string; page?: number; per_page?: number }

export const system = () => must(client.GET('/api/v1/system'))
export const setup = (body: SetupRequest) => must(client.POST('/api/v1/setup', { body }))
export const login = (body: LoginRequest) => must(client.POST('/api/v1/login', { body }))
export const refresh = () => must(client.POST('/api/v1/refresh'))
export const logout = () => must(client.POST('/api/v1/logout'))

export const sites = () => must(client.GET('/api/v1/sites'))
export const addSite = (body: NewSite) => must(client.POST('/api/v1/sites', { body }))
export const workstations = () => must(client.GET('/api/v1/workstations'))
export const addWorkstation = (body: NewWorkstation) => must(client.POST('/api/v1/workstations', { body }))
export const areas = () => must(client.GET('/api/v1/areas'))
export const addArea = (body: NewArea) => must(client.POST('/api/v1/areas', { body }))
export const meterTypes = () => must(client.GET('/api/v1/meter-types'))
export const addMeterType = (body: NewMeterType) => must(client.POST('/api/v1/meter-types', { body }))
export const tariffs = () => must(client.GET('/api/v1/tariffs'))
export const addTariff = (body: NewTariff) => must(client.POST('/api/v1/tariffs', { body }))
export const drivers = () => must(client.GET('/api/v1/drivers'))
export const activateDriver = (sha256: string, body: Activation) => must(client.POST('/api/v1/drivers/{sha256}/activate', { params: { path: { sha256 } }, body }))
export const releaseDriver = (sha256: string) => must(client.POST('/api/v1/drivers/{sha256}/release', { params: { path: { sha256 } } }))
export const vendorKeys = () => must(client.GET('/api/v1/drivers/keys'))
export const addVendorKey = (body: NewVendorKey) => must(client.POST('/api/v1/drivers/keys', { body }))
export const revokeVendorKey = (name: string) => must(client.POST('/api/v1/drivers/keys/revoke', { body: { name } }))
export const meters = (query: ListQuery & { status?: Meter['status'] }) => must(client.GET('/api/v1/meters', { params: { query } }))
export const addMeter = (body: NewMeter) => must(client.POST('/api/v1/meters', { body }))
export const accounts = (query: ListQuery) => must(client.GET('/api/v1/accounts', { params: { query } }))
export const addAccount = (body: NewAccount) => must(client.POST('/api/v1/accounts', { body }))
export const account = (key: string) => must(client.GET('/api/v1/accounts/{id}', id(key)))
export const history = (key: string) => must(client.GET('/api/v1/accounts/{id}/history', id(key)))

export const newCode = (key: string) => must(client.POST('/api/v1/workstations/{id}/code', id(key)))
export const revokeStation = (key: string) => must(client.POST('/api/v1/workstations/{id}/revoke', id(key)))
export const retireStation = (key: string) => must(client.POST('/api/v1/workstations/{id}/retire', id(key)))
export const changeStation = (key: string, body: WorkstationChange) => must(client.PUT('/api/v1/workstations/{id}', { ...id(key), body }))
export const changeSite = (key: string, name: string) => must(client.PUT('/api/v1/sites/{id}', { ...id(key), body: { name } }))
export const retireSite = (key: string) => must(client.POST('/api/v1/sites/{id}/retire', id(key)))
export const workstationState = (key: string) => must(client.GET('/api/v1/workstations/{id}/state', id(key)))
export const testPort = (key: string, body: PortTest) => must(client.POST('/api/v1/workstations/{id}/test-port', { ...id(key), body }))
export const setReader = (key: string, body: ReaderSettings) => must(client.PUT('/api/v1/workstations/{id}/reader', { ...id(key), body }))
export const readCard = (key: string) => must(client.POST('/api/v1/workstations/{id}/read-card', id(key)))

export const quote = (body: QuoteRequest, signal?: AbortSignal) => must(client.POST('/api/v1/quotes', { body, signal }))
/** The server answers when the card is written, or after `wait_s`; then the events tell the rest. */
export const sell = (body: SaleRequest) => must(client.POST('/api/v1/sales', { body, params: { query: { wait_s: 20 } } }))
export const sale = (key: string) => must(client.GET('/api/v1/sales/{id}', id(key)))
export const voidSale = (key: string, workstation_id: string) =>
  must(client.POST('/api/v1/sales/{id}/void', { params: { path: { id: key }, query: { wait_s: 20 } }, body: { workstation_id } }))
export const resumeSale = (key: string, workstation_id: string) =>
  must(client.POST('/api/v1/sales/{id}/resume', { ...id(key), body: { workstation_id } }))
export const replace = (body: ReplacementRequest) => must(client.POST('/api/v1/replacements', { body, params: { query: { wait_s: 20 } } }))
export const replacement = (key: string) => must(client.GET('/api/v1/replacements/{id}', id(key)))
export const openReplacements = () => must(client.GET('/api/v1/replacements'))
export const resumeReplacement = (key: string, workstation_id: string) =>
  must(client.POST('/api/v1/replacements/{id}/resume', { ...id(key), body: { workstation_id } }))
export const openSales = () => must(client.GET('/api/v1/sales', { params: { query: { state: 'open' } } }))

export const bench = () => must(client.GET('/api/v1/bench'))
export const benchNewCard = (content: 'blank' | 'foreign') => must(client.POST('/api/v1/bench/cards', { body: { content } }))
export const benchNewMeter = (factory_no: string) => must(client.POST('/api/v1/bench/meters', { body: { factory_no } }))
export const benchMove = (card: string, to: BenchPlace) => must(client.POST('/api/v1/bench/cards/{id}/move', { ...nth(card), body: { to } }))
export const benchPass = (meter: string, seconds: number, watts: number) =>
  must(client.POST('/api/v1/bench/meters/{id}/pass', { ...nth(meter), body: { seconds, watts } }))
export const benchEnterToken = (meter: string, digits: string) => must(client.POST('/api/v1/bench/meters/{id}/token', { ...nth(meter), body: { digits } }))
export const benchPower = (meter: string, on: boolean) => must(client.POST('/api/v1/bench/meters/{id}/power', { ...nth(meter), body: { on } }))
export const benchFault = (workstation_id: string, body: { pull_after_cells?: number; unplug?: boolean }) =>
  must(client.POST('/api/v1/bench/readers/{workstation_id}/fault', { params: { path: { workstation_id } }, body }))

export const analysis = (query: { by: 'area'; period: 'day' | 'month'; from: string; to: string; area_id?: string }) =>
  must(client.GET('/api/v1/analysis/sales', { params: { query } }))
export const analysisDetail = (query: { area_id: string; period: string }) =>
  must(client.GET('/api/v1/analysis/sales/detail', { params: { query: { ...query, per_page: 200 } } }))

export const reconciliations = () => must(client.GET('/api/v1/reconciliations', { params: { query: { per_page: 20 } } }))
export const reconciliation = (key: string) => must(client.GET('/api/v1/reconciliations/{id}', id(key)))
/** Its report, or, when it takes longer than one waits, the id that the report will have. */
export const reconcile = () => must(client.POST('/api/v1/reconciliations', { params: { query: { wait_s: 15 } } }))
export const alarms = () => must(client.GET('/api/v1/alarms', { params: { query: {} } }))
export const closeAlarm = (key: string, reason: string) => must(client.POST('/api/v1/alarms/{id}/close', { ...id(key), body: { reason } }))

/** Counts a print: the first is the original, what follows are copies under the same number. */
export const countPrint = (sale_id: string) => must(client.POST('/api/v1/documents/{sale_id}/prints', { params: { path: { sale_id } } }))

/** The receipt, as the server drew it. A reprint is the same document under the same number, marked as a copy. */
export async function receiptHtml(sale_id: string, copy: number): Promise<string> {
  const url = new URL(`/api/v1/documents/${encodeURIComponent(sale_id)}?copy=${copy}`, globalThis.location.origin)
  let answer: Response
  try {
    answer = await authorisedFetch(new Request(url))
  } catch (cause) {
    throw Problem.from(cause)
  }
  if (!answer.ok) throw Problem.fromBody(await answer.json().catch(() => null), answer.status)
  return answer.text()
}

/** The file goes as it is. */
export async function uploadDriver(file: File): Promise<Driver> {
  const url = new URL('/api/v1/drivers', globalThis.location.origin)
  let answer: Response
  try {
    const body = await file.arrayBuffer()
    answer = await authorisedFetch(new Request(url, { method: 'POST', body, headers: { 'Content-Type': 'application/wasm' } }))
  } catch (cause) {
    throw Problem.from(cause)
  }
  const said: unknown = await answer.json().catch(() => null)
  if (!answer.ok) throw Problem.fromBody(said, answer.status)
  return said as Driver
}
