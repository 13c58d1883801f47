import { Page } from '../parts/page.tsx';
import { Empty } from '../parts/states.tsx';

export default function Alerts() {
  return (
    <Page name="Alerts" lead="Nothing is watched.">
      <Empty title="No alert yet." />
    </Page>
  );
}
