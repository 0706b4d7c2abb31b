import React from 'react';

import { computeIcon } from '../../view/icons';
import { Svg } from '../../view/Svg';
import { draw } from '../../testing/react';

it('draws the icon in a wrapper without a box', () => {
  const { node } = draw(<Svg icon={computeIcon} />);
  expect(node.querySelector('span.jp-Compute-svg > svg')).not.toBeNull();
});
