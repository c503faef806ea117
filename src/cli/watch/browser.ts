// --open: shows the page in the browser that the system has for links. That it cannot is a remark, never an error.
import { spawn } from 'node:child_process'
import pc from 'picocolors'
import { printError } from '../terminal/print.ts'

/** The system's way to open a link: a program and its arguments. */
const openers: Partial<Record<NodeJS.Platform, (url: string) => readonly [string, readonly string[]]>> = {
  darwin: url => ['open', [url]],
  // `start` is a word of its shell; the first quoted argument would be a title.
  win32: url => ['cmd', ['/c', 'start', '""', url.replaceAll('&', '^&')]],
}

/** Opens `url`. The browser outlives this process; what it says is not shown. */
export function openInBrowser(url: string): void {
  const [program, given] = (openers[process.platform] ?? (url => ['xdg-open', [url]]))(url)
  const remark = (reason: string) =>
    printError(`${pc.yellow('note:')} no browser could be opened (${program}: ${reason}); open ${url} yourself`)
  const child = spawn(program, given, { detached: true, stdio: 'ignore', windowsHide: true })
  child.on('error', error => remark(error.message))
  child.on('exit', code => {
    if (code !== null && code !== 0) remark(`exit code ${code}`)
  })
  child.unref()
}
