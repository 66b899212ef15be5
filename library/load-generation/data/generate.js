// Writes the data files of this folder: `k6 run data/generate.js` or `chaos load data/generate.js`, from the folder
// above. No chance is involved, so that the same program gives the same files.

const POSTS = [
  ['Growing tomatoes on a balcony', 'tomatoes'],
  ['Sharpening kitchen knives', 'kitchen knives'],
  ['Reading the night sky', 'star charts'],
  ['Looking after a bicycle chain', 'bicycle chains'],
  ['Baking bread without a machine', 'sourdough'],
  ['Keeping bees in a town', 'beehives'],
  ['Drawing with charcoal', 'charcoal'],
  ['Walking the coast path', 'coast walks'],
  ['Writing letters by hand', 'fountain pens'],
  ['Repairing an old radio', 'valve radios'],
  ['Learning three chess openings', 'chess openings'],
  ['Painting a small room', 'wall paint'],
  ['Making soup for ten', 'vegetable soup'],
  ['Sailing in light wind', 'small dinghies'],
  ['Mending a woollen jumper', 'darning'],
  ['Building a bird box', 'bird boxes'],
  ['Training for a first race', 'long runs'],
  ['Choosing a camera lens', 'old lenses'],
  ['Planting a hedge', 'hedges'],
  ['Roasting coffee at home', 'coffee beans'],
  ['Restoring a wooden chair', 'beeswax'],
  ['Teaching a dog to wait', 'young dogs'],
  ['Growing mushrooms in a cellar', 'oyster mushrooms'],
  ['Mapping a family tree', 'parish registers'],
];

const REMARKS = [
  (it) => `I tried this with ${it} last weekend and it went better than I expected.`,
  (it) => `How long did you need before you felt at home with ${it}?`,
  (it) => `My grandfather knew everything about ${it}; I wish I had listened.`,
  (it) => `The second photograph explains more about ${it} than most books do.`,
  (it) => `I do not agree with the part on ${it}, but the rest is spot on.`,
  (it) => `Could you write more about ${it} in winter?`,
  (it) => `We talked about ${it} at dinner yesterday, and nobody knew this.`,
  (it) => `After three failed attempts with ${it}, this is what helped.`,
  (it) => `A small correction: the table on ${it} has two rows swapped.`,
  (it) => `I teach a class on ${it} and will show this to my students.`,
  (it) => `Is there a difference when you work with ${it} outdoors?`,
  (it) => `It never occurred to me to keep notes on ${it}. Good idea.`,
  (it) => `Thank you, clear and short. I am off to look at ${it} again.`,
];

const MANNERS = ['quiet', 'early', 'curious', 'patient', 'northern', 'steady', 'bright', 'wandering'];
const ANIMALS = ['heron', 'badger', 'otter', 'plover', 'marten', 'wren', 'hare', 'newt'];

const OFFERS = [
  'WINNER! Your number was drawn and you are awarded 900 pounds cash.',
  'Congratulations, you won a 500 pound shopping voucher in our weekly draw.',
  'URGENT: a prize of 2000 pounds is waiting for you and expires tonight.',
  'You have been chosen for a holiday prize, flights and hotel included.',
  'Get a brand new phone and a cash bonus, no credit check whatsoever.',
  'Easy casino bonus: 100 spins and a jackpot guaranteed for new players.',
  'Last notice! Your 800 bonus points are not redeemed yet.',
  'Earn 5000 cash a week from home, guaranteed, nothing to learn.',
  'FREE ringtones plus a cash prize for the first hundred who answer.',
];

const DEMANDS = [
  'Call 01632 960101 from a landline NOW to claim.',
  'Txt CLAIM to 55501, 150p per msg, 18+ only.',
  'Claim at www.claim-prize.example with code K718.',
  'Reply YES pls, txt STOP to unsubscribe.',
  'To claim ring 01632 960144 before midnight, 10p per minute.',
  'Visit http://bonus.example/claim?id=40411 and enter your card.',
  'Send your name, address and postcode to claim today!',
  'Claim code 3QXJ9, valid 12 hrs only, T&Cs apply.',
];

// The ids start high, so that they meet none that a service gave out itself.
const FIRST_ID = 1001;

const slug = (title) => title.toLowerCase().replace(/ /g, '-');

function users() {
  const names = MANNERS.flatMap((manner) => ANIMALS.map((animal) => `${manner}-${animal}`));
  return names.map((name, i) => ({ id: FIRST_ID + i, handle: `@${name}`, username: name.replace('-', ' ') }));
}

function posts() {
  const url = (title) => `https://blog.example/posts/${slug(title)}`;
  return POSTS.map(([title], i) => ({ id: FIRST_ID + i, url: url(title), title }));
}

const comments = () => POSTS.flatMap(([, it]) => REMARKS.map((remark) => ({ content: remark(it) })));
const spam = () => OFFERS.flatMap((offer) => DEMANDS.map((demand) => ({ content: `${offer} ${demand}` })));

const lines = (list) => `[\n${list.map((one) => `  ${JSON.stringify(one)}`).join(',\n')}\n]\n`;

export default function () {}

export function handleSummary() {
  return {
    'data/users.json': lines(users()),
    'data/posts.json': lines(posts()),
    'data/comments.json': lines(comments()),
    'data/spam.json': lines(spam()),
  };
}
