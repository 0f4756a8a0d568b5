import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const READY = /listening on (http:\/\/\S+)/

/** Starts the real server on an empty folder with demo data, and stops it afterwards. */
export default async function start(): Promise<() => Promise<void>> {
  if (process.env.SHOUWEN_URL) return async () => undefined
  const bin = process.env.SHOUWEN_BIN
  if (!bin) throw new Error('Set SHOUWEN_BIN to the shouwen binary (cargo build -p shouwen), or SHOUWEN_URL to a running demo.')
  const data = mkdtempSync(join(tmpdir(), 'shouwen-e2e-'))
  const server = spawn(bin, ['serve', '--data', data, '--demo', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    process.env.SHOUWEN_URL = await address(server)
  } catch (cause) {
    server.kill('SIGKILL')
    rmSync(data, { recursive: true, force: true })
    throw cause
  }
  return async () => {
    server.kill('SIGTERM')
    await new Promise((resolve) => server.once('exit', resolve))
    rmSync(data, { recursive: true, force: true })
  }
}

/** The address the server prints; what it said instead if it ends before. */
function address(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const hear = (part: Buffer) => {
      said += part.toString()
      const found = READY.exec(said)
      if (found?.[1]) resolve(found[1])
    }
    server.stdout?.on('data', hear)
    server.stderr?.on('data', hear)
    server.once('exit', (code) => reject(new Error(`the server ended (${code}) before it listened:\n${said}`)))
  })
}
