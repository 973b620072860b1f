import { ref, shallowRef } from 'vue'
import type { Meter, NewAccount } from '@/api/types'

/** What a whole building has in common 本批设定: kept from one account to the next while the toggle is on. */
export type Batch = Pick<NewAccount, 'area_id' | 'tariff_id' | 'pt_primary' | 'pt_secondary' | 'ct_primary' | 'ct_secondary' | 'limit_mode' | 'capacity_w' | 'unit'> & { preset: boolean }

/** What was typed and not opened yet: whoever looks at the help, or at another customer, finds it again. */
export const draft = shallowRef<{ form: object; meter: Meter | null } | null>(null)
export const keepBatch = ref(false)
export const batch = ref<Batch | null>(null)
