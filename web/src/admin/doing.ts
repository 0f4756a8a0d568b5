import { ref } from 'vue'
import { problemOf, type Problem } from '../api/problem'

/** One act at a time: whether it is under way, and what went wrong with the last one. */
export function useDoing() {
  const busy = ref(false)
  const problem = ref<Problem>()
  /** Does it, and says whether it was done. */
  async function run(act: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    problem.value = undefined
    try {
      await act()
      return true
    } catch (cause) {
      problem.value = problemOf(cause)
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, problem, run }
}
