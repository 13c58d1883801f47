import { Link } from '../parts/link.tsx';
import { Page } from '../parts/page.tsx';

export default function Missing() {
  return (
    <Page name="Nothing here" lead="This address names no page.">
      <p>
        <Link href="/">To the overview</Link>
      </p>
    </Page>
  );
}
