import { getCurrentScope, onScopeDispose, shallowRef, type ShallowRef } from 'vue'

/** How far the server's clock is ahead of this computer's; small differences are the network's. */
let skew = 0

/** Learns the server's time from an answer's Date header. */
export function hearServerTime(header: string | null): void {
  const told = header ? Date.parse(header) : NaN
  if (Number.isNaN(told)) return
  const difference = told - Date.now()
  skew = Math.abs(difference) > 3000 ? difference : 0
}

/** Now, by the server's clock, in milliseconds. */
export const now = (): number => Date.now() + skew

const second = shallowRef(now())
const minute = shallowRef(now())
let watchers = 0
let timer: ReturnType<typeof setInterval> | undefined

function tick(): void {
  const at = now()
  second.value = at
  if (Math.floor(at / 60_000) !== Math.floor(minute.value / 60_000)) minute.value = at
}

/** One ticking for all clocks on the screen: read `second` only where seconds are shown. */
export function useNow(): { second: ShallowRef<number>; minute: ShallowRef<number> } {
  watchers += 1
  if (timer === undefined) {
    tick()
    minute.value = second.value
    timer = setInterval(tick, 1000)
  }
  if (getCurrentScope()) {
    onScopeDispose(() => {
      watchers -= 1
      if (watchers === 0 && timer !== undefined) {
        clearInterval(timer)
        timer = undefined
      }
    })
  }
  return { second, minute }
}
