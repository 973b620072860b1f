// PROVISIONAL, by hand from the interface notes, until server/openapi.json exists (`npm run gen` replaces this file).
interface Page<T> { items: T[]; page: number; per_page: number; total: number }
type ListQuery = { q?: string; page?: number; per_page?: number }
type Resp<T> = { 200: { headers: { [name: string]: unknown }; content: { 'application/json': T } }; default: { headers: { [name: string]: unknown }; content: { 'application/problem+json': components['schemas']['Problem'] } } }
type Params<Q, P> = { query?: Q; header?: never; path: P; cookie?: never }
type NoPath = { query?: never; header?: never; path?: never; cookie?: never }
type Get<T, Q = never, P = never> = { get: { parameters: [P] extends [never] ? { query?: Q; header?: never; path?: never; cookie?: never } : Params<Q, P>; requestBody?: never; responses: Resp<T> } }
type Post<T, B, Q = never, P = never> = { post: { parameters: [P] extends [never] ? { query?: Q; header?: never; path?: never; cookie?: never } : Params<Q, P>; requestBody?: [B] extends [never] ? never : { content: { 'application/json': B } }; responses: Resp<T> } }
type Put<T, B, P> = { put: { parameters: Params<never, P>; requestBody: { content: { 'application/json': B } }; responses: Resp<T> } }
type S = components['schemas']
type Id = { id: string }

export interface paths {
  '/api/v1/system': Get<S['SystemView']>
  '/api/v1/setup': Post<S['LoginAnswer'], S['SetupRequest']>
  '/api/v1/login': Post<S['LoginAnswer'], S['LoginRequest']>
  '/api/v1/refresh': Post<S['LoginAnswer'], never>
  '/api/v1/logout': Post<unknown, never>
  '/api/v1/sites': Get<Page<S['Site']>, ListQuery> & Post<S['Site'], S['NewSite']>
  '/api/v1/workstations': Get<Page<S['Workstation']>, ListQuery> & Post<S['Workstation'], S['NewWorkstation']>
  '/api/v1/areas': Get<Page<S['Area']>, ListQuery> & Post<S['Area'], S['NewArea']>
  '/api/v1/meter-types': Get<Page<S['MeterType']>, ListQuery> & Post<S['MeterType'], S['NewMeterType']>
  '/api/v1/tariffs': Get<Page<S['Tariff']>, ListQuery> & Post<S['Tariff'], S['NewTariff']>
  '/api/v1/drivers': Get<S['Driver'][]>
  '/api/v1/meters': Get<Page<S['Meter']>, ListQuery & { status?: string }> & Post<S['Meter'], S['NewMeter']>
  '/api/v1/accounts': Get<Page<S['Account']>, ListQuery> & Post<S['Account'], S['NewAccount']>
  '/api/v1/accounts/{id}': Get<S['Account'], never, Id>
  '/api/v1/accounts/{id}/history': Get<{ items: S['HistoryItem'][] }, never, Id>
  '/api/v1/workstations/{id}/state': Get<S['WorkstationState'], never, Id>
  '/api/v1/workstations/{id}/test-port': Post<S['PortAnswer'], S['PortTest'], never, Id>
  '/api/v1/workstations/{id}/reader': Put<unknown, S['ReaderSettings'], Id>
  '/api/v1/workstations/{id}/read-card': Post<S['CardView'], never, never, Id>
  '/api/v1/quotes': Post<S['Quote'], S['QuoteRequest']>
  '/api/v1/sales': Get<Page<S['Sale']>, { state?: string; page?: number; per_page?: number }> & Post<S['Sale'], S['SaleRequest'], { wait_s?: number }>
  '/api/v1/sales/{id}': Get<S['Sale'], never, Id>
  '/api/v1/sales/{id}/resume': Post<S['Sale'], { workstation_id: string }, never, Id>
  '/api/v1/bench': Get<S['BenchView']>
  '/api/v1/bench/cards': Post<S['BenchCard'], { label?: string }>
  '/api/v1/bench/meters': Post<S['BenchMeter'], { factory_no: string }>
  '/api/v1/bench/cards/{id}/move': Post<S['BenchMoved'], { to: S['BenchPlace'] }, never, Id>
  '/api/v1/bench/meters/{id}/pass': Post<S['BenchMeter'], { seconds: number; watts: number }, never, Id>
  '/api/v1/bench/meters/{id}/power': Post<S['BenchMeter'], { on: boolean }, never, Id>
  '/api/v1/bench/readers/{workstation_id}/fault': Post<unknown, { pull_after_cells?: number; unplug?: boolean }, never, { workstation_id: string }>
  '/api/v1/analysis/sales': Get<S['AnalysisAnswer'], { by?: string; period?: string; from?: string; to?: string; area_id?: string }>
  '/api/v1/analysis/sales/detail': Get<{ items: S['Sale'][] }, { area_id?: string; period?: string; page?: number; per_page?: number }>
}

export interface components {
  schemas: {
    Problem: { type: string; title: string; status: number; code: string; detail?: string; params: Record<string, unknown>; actions: string[]; retryable?: boolean; request_id: string }
    SystemView: { mode: 'learning' | 'registered'; needs_setup: boolean; version: string; organisation_name?: string | null }
    SetupRequest: { token: string; login: string; name: string; password: string }
    LoginRequest: { organisation?: string | null; login: string; password: string }
    Operator: { id: string; login: string; name: string; rights: string[] }
    Organisation: { id: string; code: string; name: string; system_code: number; mode: string }
    LoginAnswer: { access_token: string; expires_in_s: number; operator: S['Operator']; organisation: S['Organisation'] }
    Site: { id: string; code: string; name: string }
    NewSite: { id?: string; code: string; name: string }
    Workstation: { id: string; site_id: string; number: number; name: string; kind: 'built-in' | 'station'; connected: boolean; reader?: S['ReaderView'] | null; token?: string | null }
    NewWorkstation: { id?: string; site_id: string; number?: number; name: string }
    Area: { id: string; parent_id?: string | null; code: string; name: string; kind: 'organisation' | 'line' | 'district' | 'building'; path_name: string }
    NewArea: { id?: string; parent_id?: string | null; code: string; name: string; kind: string }
    MeterType: { id: string; name: string; model: string; driver_id: string; driver_version?: string | null; constant_imp: number; rated_ma: number; max_ma: number; phases: number; voltage_v: number; hoard_wh: number; overdraft_wh: number; preset_wh: number; alarm_wh?: number | null; retired: boolean }
    NewMeterType: { id?: string; name: string; model: string; driver_id: string; constant_imp: number; rated_ma: number; max_ma: number; phases: number; voltage_v: number; hoard_wh: number; overdraft_wh: number; preset_wh: number; alarm_wh?: number | null }
    TariffVersion: { id: string; price_micro: number; valid_from: string }
    Tariff: { id: string; code: string; name: string; versions: S['TariffVersion'][] }
    NewTariff: { id?: string; code: string; name: string; price_micro: number; valid_from?: string | null }
    Driver: { id: string; version: string; kind: 'meter' | 'reader'; name: { zh: string; en: string }; standards: string[]; state: 'active' | 'refused' | 'quarantined'; reason?: string | null; sha256: string; facts?: Record<string, unknown> | null }
    Meter: { id: string; factory_no: string; meter_type_id: string; status: 'stock' | 'assigned' | 'removed' | 'scrapped'; start_reading_wh: number; account_id?: string | null }
    NewMeter: { id?: string; factory_no: string; meter_type_id: string; start_reading_wh: number }
    NewAccount: { id?: string; user_no?: string | null; name: string; unit?: string | null; address?: string | null; phone?: string | null; area_id: string; meter_id: string; tariff_id: string; pt_primary: number; pt_secondary: number; ct_primary: number; ct_secondary: number; limit_mode: number; capacity_w: number; preset_given_wh?: number | null }
    Account: { id: string; user_no: string; name: string; unit?: string | null; address?: string | null; phone?: string | null; area_id: string; area_name: string; status: string; meter: { id: string; factory_no: string; meter_type: string; driver_id: string }; tariff: { id: string; name: string; price_micro: number }; multiplier: number; limit_mode: number; capacity_w: number; sold_count: number; acked_count: number; adjustment_pending_wh: number; preset_pending_wh: number; version: number; card_no: number }
    HistoryItem: { kind: string; at: string; sale?: S['Sale'] | null; returned?: S['Returned'] | null }
    ReaderView: { state: 'ready' | 'absent' | 'busy' | 'no-answer' | 'wrong-driver' | 'no-rights' | 'searching'; driver_id: string; port: string; model?: string | null; detail?: string | null }
    WorkstationState: { workstation_id: string; connected: boolean; reader?: S['ReaderView'] | null; card?: { session: string; chip: string } | null; card_problem?: string | null }
    PortTest: { port?: string | null; driver_id?: string | null; baud?: number | null }
    PortAnswer: { answer: 'found' | 'wrong-driver' | 'port-busy' | 'no-answer' | 'no-permission' | 'absent'; reader?: { model: string; firmware: string } | null; detail?: string }
    ReaderSettings: { port: string; driver_id: string; baud?: number | null }
    CardProblem: { code: string; params: Record<string, unknown>; blocking: boolean }
    Returned: { count: number; remaining_wh: number; total_used_wh: number; total_purchased_wh: number; overdraft_wh: number; status: number; relay_open: boolean; errors: number; power_w: number }
    CardView: { session: string; kind: string; tries?: number | null; account?: S['Account'] | null; purchase?: { count: number; quantity_wh: number } | null; returned?: S['Returned'] | null; unused: boolean; open_sale?: S['Sale'] | null; problems: S['CardProblem'][]; last_sales: S['Sale'][] }
    QuoteRequest: { workstation_id: string; account_id: string; session?: string | null; energy_wh?: number | null; amount_fen?: number | null }
    Coded: { code: string; params: Record<string, unknown> }
    WillLoad: { answer: 'yes' | 'no' | 'later' | 'unknown'; code?: string | null; insert_below_wh?: number | null }
    Quote: { quote: string; account_id: string; kind: 'opening' | 'purchase'; energy_wh: number; amount_fen: number; change_fen: number; price_micro: number; tariff_version_id: string; multiplier: number; adjustment_wh: number; carry_wh: number; preset_deducted_wh: number; quantity_wh: number; count: number; alarm_wh: number; hoard_wh: number; will_load: S['WillLoad']; warnings: S['Coded'][]; expires_at: string }
    SaleRequest: { id: string; quote: string; cash_fen?: number | null; payment: 'cash' | 'wechat' | 'alipay' | 'bank' }
    Sale: { id: string; kind: 'opening' | 'purchase'; state: 'authorised' | 'committed' | 'voided'; account_id: string; user_no: string; name: string; count: number; energy_wh: number; amount_fen: number; quantity_wh: number; adjustment_wh: number; preset_deducted_wh: number; price_micro: number; workstation_id: string; site_name: string; operator_name: string; receipt_no?: string | null; step?: 'waiting-card' | 'writing' | 'verifying' | null; problem?: S['Coded'] | null; authorised_at: string; committed_at?: string | null; meter_no: string; driver_id: string; driver_version: string; payment?: string | null; cash_fen?: number | null; change_fen?: number | null }
    BenchPlace: { kind: 'drawer' | 'reader' | 'meter'; workstation_id?: string | null; meter_id?: string | null }
    BenchCard: { id: string; label: string; chip: string; place: S['BenchPlace']; tries: number; writes: number }
    BenchSnapshot: { balance_wh: number; total_used_wh: number; count: number; relay_closed: boolean; alarm: boolean; power_w: number; status: number; lines: { id: string; lcd: string; led: string }[] }
    BenchMeter: { id: string; factory_no: string; driver_id: string; power_on: boolean; snapshot: S['BenchSnapshot']; last?: { code: string; display: string } | null }
    BenchView: { cards: S['BenchCard'][]; meters: S['BenchMeter'][] }
    BenchMoved: { card: S['BenchCard']; outcome?: { accepted: boolean; code: string; display: string; loaded_wh: number } | null; meter?: S['BenchMeter'] | null }
    AnalysisRow: { area_id: string; area_name: string; period: string; sales: number; energy_wh: number; amount_fen: number }
    AnalysisAnswer: { rows: S['AnalysisRow'][]; fresh_to: string }
  }
}
