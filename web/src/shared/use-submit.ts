import { ref, shallowRef } from 'vue'
import { Problem } from '@/api/problem'

/** One submission at a time, with its problem or its result. */
export function useSubmit<T>(work: () => Promise<T>, after?: (result: T) => void) {
  const busy = ref(false)
  const problem = shallowRef<Problem | null>(null)
  const result = shallowRef<T | null>(null)

  async function submit(): Promise<void> {
    if (busy.value) return
    busy.value = true
    problem.value = null
    try {
      const answer = await work()
      result.value = answer
      after?.(answer)
    } catch (cause) {
      problem.value = Problem.from(cause)
      result.value = null
    }
    busy.value = false
  }

  return { busy, problem, result, submit }
}
