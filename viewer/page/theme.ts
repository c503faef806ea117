// The colours of the page: light or dark, as the reader's system has it.
import { dark, light, type Theme } from '../../src/picture/colors.ts'

const scheme = matchMedia('(prefers-color-scheme: dark)')

export function theme(): Theme {
  return scheme.matches ? dark : light
}

export function onThemeChange(changed: () => void): void {
  scheme.addEventListener('change', changed)
}

/** Dashes tell the lines of one team apart. */
export const DASHES: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [10, 3, 2, 3], [4, 4], [1, 4]]
