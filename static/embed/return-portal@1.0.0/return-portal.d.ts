// Types of <return-portal>, for shops that check their pages with TypeScript:
//   /// <reference path="return-portal.d.ts" />

/** What a page of the portal is called; more may come. */
export type ReturnPortalStep =
  | "find" | "order" | "items" | "reasons" | "refund" | "shipment" | "review" | "done" | "status"
  | (string & {});

export interface ReturnPortalEventMap {
  /** Another page of the portal is shown. */
  step: CustomEvent<{ step: ReturnPortalStep }>;
  /** A return was registered; once for each. Nothing but its number is told. */
  completed: CustomEvent<{ reference: string }>;
}

/**
 * The returns portal in a page. Attributes, each of which may change at any time:
 *
 * - `shop`: the shop's short name in the portal's addresses. Required.
 * - `lang`: the portal's language, like `nl`; without it, the customer's own.
 * - `order`: the code of a link to one order, to start there instead of looking it up.
 * - `portal`: the portal's address, where it is not the one that served this script.
 * - `scheme`: `light` (the usual) or `auto`, which is dark for those who like it so.
 * - `test`: shows the live test instead of the portal, as `#returnsite-test` behind the page's address does.
 * - `title`: the frame's name for screen readers.
 *
 * A link inside the element is shown wherever the portal cannot be.
 */
export interface ReturnPortalElement extends HTMLElement {
  addEventListener<K extends keyof ReturnPortalEventMap>(
    type: K,
    listener: (this: ReturnPortalElement, event: ReturnPortalEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof ReturnPortalEventMap>(
    type: K,
    listener: (this: ReturnPortalElement, event: ReturnPortalEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "return-portal": ReturnPortalElement;
  }
}
