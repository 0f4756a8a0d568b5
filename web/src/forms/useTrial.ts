import { onScopeDispose, ref, watch, type Ref } from 'vue'
import { Problem } from '../api/problem'
import type { Input, Trial } from '../api/types'

/**
 * Asks the server while typing what the form would do, without doing it. Only the newest answer counts; when the
 * server cannot be reached the last answer stays, because sending tells the rest.
 */
export function useTrial(
  key: () => string | undefined,
  input: () => Input,
  ask: () => Promise<Trial>,
  wait = 350,
): { trial: Ref<Trial | undefined>; tried: Ref<Input> } {
  const trial = ref<Trial>()
  /** What was typed when the trial was asked: its words on a field hold only while the field is as it was. */
  const tried = ref<Input>({})
  let timer: ReturnType<typeof setTimeout> | undefined
  let round = 0

  async function run() {
    const mine = ++round
    const asked = { ...input() }
    try {
      const got = await ask()
      if (mine !== round) return
      trial.value = got
      tried.value = asked
    } catch (cause) {
      // What cannot even be read is told beside its field; otherwise the last trial still tells more than none.
      const problems = cause instanceof Problem ? cause.body.problems : undefined
      if (mine !== round || !problems?.length) return
      const before = trial.value ?? { asked: [], required: [], clocks: [] }
      tried.value = asked
      trial.value = { ...before, possible: false, problems, refusal: null, stage_after: null }
    }
  }
  watch(
    key,
    (next, before) => {
      clearTimeout(timer)
      if (next === undefined) {
        round += 1
        trial.value = undefined
        return
      }
      timer = setTimeout(() => void run(), before === undefined ? 0 : wait)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
  return { trial, tried }
}
