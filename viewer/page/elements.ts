// The page's elements by name, and writing into them without touching what stays the same.

/** Throws when the page lacks it: index.html and the scripts do not belong together. */
export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id)
  if (!found) throw new Error(`index.html must have an element #${id}`)
  return found as T
}

export function write(id: string, text: string): void {
  const place = element(id)
  if (place.textContent !== text) place.textContent = text
}

/** Shows the text, or hides the element when there is none. */
export function writeOrHide(id: string, text: string | null): void {
  element(id).hidden = !text
  write(id, text ?? '')
}

/** The browser's store, where it may be used: not in every frame within another page. */
export function localStore(): Storage | null {
  try {
    return window.localStorage
  } catch {
    return null
  }
}
