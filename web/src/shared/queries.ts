import { QueryClient, type VueQueryPluginOptions } from '@tanstack/vue-query'
import { Problem } from '@/api/problem'

// Lists only. A refusal is an answer and is not asked for again.
const client = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 5_000, refetchOnWindowFocus: true, retry: (times, cause) => times < 2 && !Problem.from(cause).isRefusal },
  },
})

export const queryOptions: VueQueryPluginOptions = { queryClient: client }

/** Another operator signs in: nothing of the one before may show. */
export const forgetAll = (): void => client.clear()
