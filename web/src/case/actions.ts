/** Which of a case's offers stand on the action bar, and which wait behind "more". */
import type { Offer } from '../api/types'

export interface ActionBar {
  /** The next thing that can be done. */
  primary?: Offer
  /** Others that can be done, as many as fit. */
  beside: Offer[]
  /** An action that would end the case here, while the regulation still holds it back. */
  closing?: Offer
  /** What does not fit, the rights open on every case, and what the regulation refuses now. */
  more: Offer[]
  /** What others could do: shown locked, with who could. */
  others: Offer[]
}

const free = (offer: Offer) => offer.state !== 'refused'

/** Actions of other stages are left out: the track shows them. */
export function arrange(offers: Offer[], fits: number): ActionBar {
  const possible = offers.filter(free)
  const own = possible.filter((offer) => !offer.right)
  const primary = own.find((offer) => offer.primary) ?? own[0]
  const beside = possible.filter((offer) => offer !== primary).slice(0, fits)
  const held = offers.filter((offer) => !free(offer) && offer.refusal?.why !== 'not_here' && offer.refusal?.why !== 'forbidden')
  const closing = own.some((offer) => offer.ends) ? undefined : held.find((offer) => offer.ends && !offer.right)
  return {
    primary,
    beside,
    closing,
    more: [...possible.filter((offer) => offer !== primary && !beside.includes(offer)), ...held.filter((offer) => offer !== closing)],
    others: offers.filter((offer) => !free(offer) && offer.refusal?.why === 'forbidden' && !offer.right),
  }
}

/** What a supervisor does from outside a case: the rights open on every case, and nothing that ends it unseen. */
export const supervising = (offers: Offer[]): Offer[] => offers.filter((offer) => offer.right && free(offer) && !offer.ends)
