import { shallowRef } from 'vue'
import type { CaseView, Offer } from '../api/types'

/** The case on the screen and how to begin one of its acts, so that the palette can offer them. */
export interface PresentCase {
  view: CaseView
  choose: (offer: Offer) => void
}

export const presentCase = shallowRef<PresentCase>()
