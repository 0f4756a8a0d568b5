/** The little of WebDriver BiDi that a smoke walk needs, spoken to Firefox itself: no driver, no patched browser. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const READY = /WebDriver BiDi listening on (ws:\/\/\S+)/

interface Answer {
  id?: number
  result?: unknown
  error?: string
  message?: string
}

export class Firefox {
  private next = 1
  private readonly waiting = new Map<number, (answer: Answer) => void>()
  private constructor(
    private readonly browser: ChildProcess,
    private readonly profile: string,
    private readonly socket: WebSocket,
  ) {
    socket.addEventListener('message', (event) => {
      const answer = JSON.parse(String(event.data)) as Answer
      if (answer.id !== undefined) this.waiting.get(answer.id)?.(answer)
    })
  }

  static async start(path: string): Promise<Firefox> {
    const profile = mkdtempSync(join(tmpdir(), 'shouwen-firefox-'))
    const browser = spawn(path, ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port=0'], { stdio: ['ignore', 'pipe', 'pipe'] })
    const address = await new Promise<string>((resolve, reject) => {
      let said = ''
      const hear = (part: Buffer) => {
        said += part.toString()
        const found = READY.exec(said)
        if (found?.[1]) resolve(found[1])
      }
      browser.stdout?.on('data', hear)
      browser.stderr?.on('data', hear)
      browser.once('exit', (code) => reject(new Error(`Firefox ended (${code}):\n${said}`)))
    })
    const socket = new WebSocket(`${address}/session`)
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve)
      socket.addEventListener('error', reject)
    })
    const firefox = new Firefox(browser, profile, socket)
    await firefox.send('session.new', { capabilities: {} })
    return firefox
  }

  private async send<T>(method: string, params: object): Promise<T> {
    const id = this.next++
    const answered = new Promise<Answer>((resolve) => this.waiting.set(id, resolve))
    this.socket.send(JSON.stringify({ id, method, params }))
    const answer = await answered
    this.waiting.delete(id)
    if (answer.error) throw new Error(`${method}: ${answer.error}: ${answer.message}`)
    return answer.result as T
  }

  /** The window's only tab, of this size. */
  async tab(width: number, height: number): Promise<Tab> {
    const { contexts } = await this.send<{ contexts: { context: string }[] }>('browsingContext.getTree', {})
    const context = contexts[0]?.context ?? ''
    await this.send('browsingContext.setViewport', { context, viewport: { width, height } })
    return new Tab((method, params) => this.send(method, { context, ...params }), context)
  }

  async stop(): Promise<void> {
    this.socket.close()
    this.browser.kill('SIGTERM')
    await new Promise((resolve) => this.browser.once('exit', resolve))
    rmSync(this.profile, { recursive: true, force: true })
  }
}

export class Tab {
  constructor(
    private readonly send: <T>(method: string, params: object) => Promise<T>,
    private readonly context: string,
  ) {}

  go(url: string): Promise<unknown> {
    return this.send('browsingContext.navigate', { url, wait: 'complete' })
  }

  /** What a script in the page comes to; only plain values. */
  async evaluate<T>(expression: string): Promise<T> {
    const got = await this.send<{ type: string; result?: { value?: string }; exceptionDetails?: { text: string } }>('script.evaluate', {
      expression: `Promise.resolve(${expression}).then((value) => JSON.stringify(value ?? null))`,
      target: { context: this.context },
      awaitPromise: true,
    })
    if (got.type === 'exception') throw new Error(got.exceptionDetails?.text)
    return JSON.parse(got.result?.value ?? 'null') as T
  }

  /** Waits in the page until something that answers the selector is there, told by the page's own changes. */
  see(selector: string, words = ''): Promise<string> {
    const wanted = JSON.stringify([selector, words])
    return this.evaluate<string>(`new Promise((resolve, reject) => {
      const [selector, words] = ${wanted}
      const look = () => [...document.querySelectorAll(selector)].find((one) => one.textContent.includes(words))
      const done = (one) => { watch.disconnect(); resolve(one.textContent.trim()) }
      const watch = new MutationObserver(() => { const one = look(); if (one) done(one) })
      watch.observe(document, { subtree: true, childList: true, characterData: true, attributes: true })
      setTimeout(() => { watch.disconnect(); reject(new Error('not seen: ' + selector + ' ' + words)) }, 60000)
      const one = look()
      if (one) done(one)
    })`)
  }

  async type(selector: string, text: string): Promise<void> {
    await this.evaluate(`document.querySelector(${JSON.stringify(selector)}).focus()`)
    await this.keys(text)
  }

  async keys(text: string): Promise<void> {
    const actions = [...text].flatMap((value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }])
    await this.send('input.performActions', { actions: [{ type: 'key', id: 'keys', actions }] })
  }

  async picture(): Promise<Buffer> {
    return Buffer.from((await this.send<{ data: string }>('browsingContext.captureScreenshot', {})).data, 'base64')
  }
}
