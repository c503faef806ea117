// The file of a page that plays offline: the live page's markup and styles, one script, and a policy that lets nothing else in or out.
import { createHash } from 'node:crypto'

export interface PageParts {
  readonly title: string
  /** index.html of the live page as vite built it. */
  readonly html: string
  readonly styles: string
  /** An SVG. */
  readonly icon: string
  readonly script: string
  /** Of the packages in the script. */
  readonly notices: string
}

/** @throws TypeError where the markup is not what vite writes. */
export function pageDocument({ title, html, styles, icon, script, notices }: PageParts): string {
  const inScript = script.replaceAll('</script', '<\\/script')
  const inStyle = styles.replaceAll('</style', '<\\/style')
  const image = `data:image/svg+xml;base64,${Buffer.from(icon).toString('base64')}`
  const policy = [
    "default-src 'none'",
    // The kernels are WebAssembly, compiled from the script itself.
    `script-src '${hashOf(inScript)}' 'wasm-unsafe-eval'`,
    `style-src '${hashOf(inStyle)}'`,
    'img-src data: blob:',
    'media-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const bare = html
    .replace(/<script\b[^>]*>\s*<\/script>\s*/g, '')
    .replace(/<link\b[^>]*rel="(?:stylesheet|modulepreload|icon)"[^>]*>\s*/g, '')
    .replace(/<title>[^<]*<\/title>\s*/, '')
    .replaceAll(/(["'(])\.?\/?favicon\.svg/g, (_, before: string) => before + image)
  const [head, body] = [bare.indexOf('<meta charset="utf-8"'), bare.lastIndexOf('</body>')]
  if (head < 0 || body < 0)
    throw new TypeError('export: the live page has no head or body; build it again: npm run build')
  return [
    bare.slice(0, head),
    '<meta charset="utf-8">\n',
    `    <meta http-equiv="Content-Security-Policy" content="${policy}">\n`,
    `    <meta name="generator" content="marlstrom export">\n`,
    `    <title>${escaped(title)}</title>\n`,
    `    <link rel="icon" href="${image}">\n`,
    `    <style>${inStyle}</style>\n`,
    bare.slice(head).slice(bare.slice(head).indexOf('>') + 1, body - head),
    `<script>${inScript}</script>\n`,
    `    <!--\n${notices.replaceAll('--', '- -')}-->\n  `,
    bare.slice(body),
  ].join('')
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
