// How many frames a second this page can take: fewer where drawing them takes too long, as many as the server sends where not.

const USUAL = 30
const LEAST = 5
/** The pace is looked at this often, so that one slow moment changes nothing. */
const LOOK_MS = 2000

export class PagePace {
  rate = USUAL
  private mean = 16
  private looked = 0

  /** A picture came `passed` ms after the one before. The rate to ask for, when it is another. */
  picture(passed: number, now: number): number | null {
    this.mean += 0.1 * (Math.min(passed, 500) - this.mean)
    if (now - this.looked < LOOK_MS) return null
    this.looked = now
    const slow = this.mean > 1.6 * (1000 / 30)
    const quick = this.mean < 1000 / 40
    const next = slow ? Math.max(LEAST, Math.round(this.rate / 2)) : quick ? Math.min(USUAL, this.rate * 2) : this.rate
    if (next === this.rate) return null
    this.rate = next
    return next
  }
}
