// The strokes that every figure on the canvas is made of.

const FONT = 'ui-sans-serif, system-ui, sans-serif'

export function line(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.beginPath()
  context.moveTo(x1, y1)
  context.lineTo(x2, y2)
  context.stroke()
}

export function circle(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
}

export function diamond(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath()
  context.moveTo(x, y - radius)
  context.lineTo(x + radius, y)
  context.lineTo(x, y + radius)
  context.lineTo(x - radius, y)
  context.closePath()
}

export function arrowHead(context: CanvasRenderingContext2D, x: number, y: number, angle: number): void {
  context.beginPath()
  for (const [turn, length] of [
    [0, 9],
    [2.5, 8],
    [-2.5, 8],
  ] as const) {
    context.lineTo(x + length * Math.cos(angle + turn), y + length * Math.sin(angle + turn))
  }
  context.fill()
}

export function paint(context: CanvasRenderingContext2D, alpha: number): void {
  context.globalAlpha = alpha
  context.fill()
  context.globalAlpha = 1
}

export function labelFont(size: number): string {
  return `600 ${size}px ${FONT}`
}

export function label(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  color: string,
  size: number,
  align: CanvasTextAlign = 'center',
): void {
  context.font = labelFont(size)
  context.textAlign = align
  context.textBaseline = 'middle'
  context.fillStyle = color
  context.fillText(text, x, y)
}
