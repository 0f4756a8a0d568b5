import { ref } from 'vue'

/** Whether the server has a newer client than this tab runs. */
export const outdated = ref(false)

/** The script that a page begins with; its name holds a hash of everything it loads. */
export const entryOf = (html: string): string | undefined => /<script[^>]+type="module"[^>]+src="([^"]+)"/.exec(html)?.[1]

const own = (): string | undefined => document.querySelector<HTMLScriptElement>('script[type=module][src]')?.getAttribute('src') ?? undefined

/** Asks which client the server hands out now. Unreachable is no answer. */
export async function checkVersion(): Promise<void> {
  try {
    const answer = await fetch('/', { cache: 'no-store', headers: { accept: 'text/html' } })
    const theirs = answer.ok ? entryOf(await answer.text()) : undefined
    const mine = own()
    if (theirs && mine && theirs !== mine) outdated.value = true
  } catch {
    // The line says itself that it is broken.
  }
}

/** A part of this client that the server no longer has: the tab is older than the server. */
export function watchVersion(): void {
  window.addEventListener('vite:preloadError', (event) => {
    event.preventDefault()
    outdated.value = true
  })
}
