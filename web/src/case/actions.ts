/** Which of a case's offers stand on the action bar, and which wait behind "more". */
import type { Offer } from '../api/types'

export interface ActionBar {
  /** The next thing that can be done. */
  primary?: Offer
  /** Others that can be done, as many as fit. */
  beside: Offer[]
  /** The closing action while the regulation still holds it back. */
  closing?: Offer
  /** The rest: what does not fit, and what is refused. */
  more: Offer[]
}

const free = (offer: Offer) => offer.state !== 'refused'

export function arrange(offers: Offer[], fits: number): ActionBar {
  const own = offers.filter((offer) => offer.right)
  const possible = own.filter(free)
  const primary = possible.find((offer) => offer.primary) ?? possible[0]
  const others = possible.filter((offer) => offer !== primary)
  const refused = own.filter((offer) => !free(offer))
  const closing = own.some((offer) => offer.ends && free(offer)) ? undefined : refused.find((offer) => offer.ends)
  return {
    primary,
    beside: others.slice(0, fits),
    closing,
    more: [...others.slice(fits), ...refused.filter((offer) => offer !== closing)],
  }
}
