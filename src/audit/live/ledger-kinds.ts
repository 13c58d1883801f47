/** Kinds of waste that only a gateway's ledger shows. */
export const ledgerKinds = {
  cut_output: {
    title: 'Answers cut before a word of them was seen',
    advice: 'Raise the limit of tokens where the model thinks first, or let it think less.',
    minCalls: 3,
  },
  idle_tools: {
    title: 'Tools sent with calls that do not call them',
    advice: 'Leave the tools out of these calls, or send them only where they are wanted.',
    minCalls: 50,
  },
  paid_retry: {
    title: 'Attempts that failed and were billed',
    advice: 'See why the provider fails; put another target behind it, and bound the attempts that may be billed.',
    minCalls: 3,
  },
  dear_tier: {
    title: 'Calls at a tier that costs more',
    advice: 'Ask for the faster tier only where somebody waits for it.',
    minCalls: 10,
  },
  batch_candidate: {
    title: 'Bulk work at the price of calls that somebody waits for',
    advice: 'Send it as a batch where the answers may take some hours.',
    minCalls: 200,
  },
  observed_saving: {
    title: 'A saving that only observes',
    advice: 'Switch it on: the gateway holds some sessions out, and shows what it does in truth.',
    minCalls: 10,
  },
} as const;
