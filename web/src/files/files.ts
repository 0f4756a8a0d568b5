/** Files that go up to the server and down to the person. */
import { carried } from '../api/client'
import { problemOf, type Problem } from '../api/problem'
import type { FileLine } from '../api/types'

/** What the server takes, for the file chooser; the server tells by content and has the last word. */
export const TAKEN = '.jpg,.jpeg,.png,.webp,.pdf,.docx,.xlsx,.pptx,.doc,.xls,.ppt,.txt,.csv,.mp3,.m4a,.ogg,.wav,.amr,.mp4,.mov'

/** Whether the name's ending is one the server takes; said before a large file has travelled. */
export const isTaken = (name: string): boolean => {
  const ending = /\.[^.]+$/.exec(name.toLowerCase())?.[0]
  // A picture from the camera may come without an ending.
  return ending === undefined || TAKEN.split(',').includes(ending)
}

/** `1.4 MB`, as file managers say it. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB']
  let value = bytes
  let at = -1
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000
    at += 1
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[at]}`
}

/** What the server said of a refused file: the field's own words, or the whole. */
export const refusal = (problem: Problem): string => problem.body.problems?.[0]?.say ?? (problem.body.detail || problem.body.title)

/**
 * Sends one file, telling how much has gone. `fetch` tells nothing of an upload's progress, so this is the one
 * place that uses XMLHttpRequest.
 */
export function upload(path: string, file: File, progress: (share: number) => void, signal?: AbortSignal): Promise<FileLine> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', `${path}?name=${encodeURIComponent(file.name)}`)
    const { csrf, language } = carried()
    request.setRequestHeader('x-csrf-token', csrf)
    request.setRequestHeader('accept-language', language)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.upload.addEventListener('progress', (event) => event.lengthComputable && progress(event.loaded / event.total))
    const fail = () => reject(problemOf(undefined))
    request.addEventListener('error', fail)
    request.addEventListener('abort', fail)
    request.addEventListener('load', () => {
      let body: unknown
      try {
        body = JSON.parse(request.responseText)
      } catch {
        body = undefined
      }
      if (request.status >= 200 && request.status < 300) resolve(body as FileLine)
      else reject(problemOf(body, request.status))
    })
    signal?.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}

/** Gives a text to the person as a file. */
export function saveFile(name: string, text: string, kind: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: `${kind};charset=utf-8` }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
