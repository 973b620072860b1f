import { QueryClient, type UseQueryOptions, useQuery } from '@tanstack/vue-query'
import { watch } from 'vue'
import { Problem } from '@/api/problem'
import { session } from '@/session/session'

// Lists only, and loaded with the first page that has one: the sale needs none of it. A refusal is an answer and is
// not asked for again.
const client = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 5_000, refetchOnWindowFocus: true, retry: (times, cause) => times < 2 && !Problem.from(cause).isRefusal },
  },
})
client.mount()

// Another operator signs in: nothing of the one before may show.
watch(() => session.status, (now) => { if (now === 'signed-out') client.clear() })

/** A list of the server, kept fresh. */
export const useList = <T>(options: UseQueryOptions<T>) => useQuery<T>(options, client)

/** What was changed is asked for again. */
export const invalidate = (...keys: string[]): void => {
  for (const key of keys) void client.invalidateQueries({ queryKey: [key] })
}
