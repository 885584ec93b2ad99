"""Papers of a tender: plain files alone, nothing that runs, nothing that swells; covered by the hash of the terms."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.db import IntegrityError, transaction

from marketplace.kernel.actors import Actor
from marketplace.kernel.refusals import BadValue, IllegalMove, StaleWrite
from procurement.tenders import models, queries
from procurement.tenders import use_cases as tenders
from procurement.tenders.rules.papers import LARGEST, examine
from procurement.tenders.use_cases import Paper
from procurement.tenders.use_cases.loading import terms_now
from tests.procurement.tenders.scene import HUA, MEI, PREPARED, PUBLISHED, WEI

TYPES = "[Content_Types].xml"
PDF = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj"


def office(parts, folder="word/"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {TYPES: "<Types/>", f"{folder}document.xml": "<w/>", **parts}.items():
            archive.writestr(name, content)
    return out.getvalue()


def locked():
    content = bytearray(office({}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = 0
        while (at := content.find(mark, at)) >= 0:
            content[at + offset] |= 1
            at += 4
    return bytes(content)


class TestExamine:
    @pytest.mark.parametrize(
        ("name", "content", "kind"),
        [
            ("drawing.pdf", PDF, "pdf"),
            ("spec.docx", office({}), "docx"),
            ("lots.XLSX", office({}, "xl/"), "xlsx"),
            ("talk.pptx", office({}, "ppt/"), "pptx"),
            ("photo.jpeg", b"\xff\xd8\xff\xe0", "jpg"),
            ("plan.png", b"\x89PNG\r\n\x1a\n", "png"),
            ("要求.txt", "铸件按图纸。".encode(), "txt"),
        ],
    )
    def test_knows_a_file_by_its_bytes(self, name, content, kind):
        assert examine(name, content) == kind

    @pytest.mark.parametrize(
        ("name", "content", "reason"),
        [
            ("empty.pdf", b"", "is empty"),
            ("big.txt", b"x" * (LARGEST + 1), "is larger than 20 MiB"),
            (
                "old.doc",
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
                "is an old Office file, in which macros hide: save it anew",
            ),
            ("macro.docx", office({"word/vbaProject.bin": "x"}), "holds macros"),
            ("macro.xlsx", office({"xl/macrosheets/sheet1.xml": "x"}, "xl/"), "holds macros"),
            ("renamed.docx", office({TYPES: "application/vnd.ms-word.document.macroEnabled.main+xml"}), "holds macros"),
            ("object.docx", office({"word/embeddings/oleObject1.bin": "x"}), "holds embedded objects"),
            ("carrier.docx", office({"word/media/tool.exe": "x"}), "holds embedded objects"),
            ("bomb.docx", office({"word/media/image1.bmp": "0" * (20 * 2**20)}), "swells when it is unpacked"),
            ("parts.docx", office({f"word/p{n}.xml": "" for n in range(2001)}), "has too many parts"),
            ("locked.docx", locked(), "is encrypted"),
            ("torn.docx", office({})[:40], "is a broken file"),
            ("archive.zip", office({}, "files/"), "is an archive, no paper"),
            ("acts.pdf", PDF + b"<< /S /JavaScript /JS (x) >>", "holds scripts, launches or other files"),
            ("launch.pdf", PDF + b"<< /S /Launch >>", "holds scripts, launches or other files"),
            ("tool.exe", b"MZ\x90\x00\x03", "is of no kind that is taken"),
            ("page.html", b"<script>1</script>", "is not what its name says"),
            ("picture.pdf", b"\x89PNG\r\n\x1a\n", "is not what its name says"),
        ],
    )
    def test_refuses_with_the_reason(self, name, content, reason):
        with pytest.raises(BadValue) as refused:
            examine(name, content)

        assert (refused.value.facts["place"], refused.value.facts["reason"]) == (name, reason)


class TestDocuments:
    def add(self, ref, content=PDF, at=PREPARED):
        return tenders.add_document(
            tender_ref=ref, title="Drawing", file_name="drawing.pdf", content=content, by=WEI, at=at
        )

    def test_is_covered_by_the_hash_of_the_terms(self, market):
        ref = market.prepared()
        self.add(ref)
        tenders.publish_tender(tender_ref=ref, by=MEI, at=PUBLISHED)
        before = models.Tender.objects.get().terms_sha256

        models.TenderDocument.objects.update(sha256="0" * 64)

        assert terms_now(models.Tender.objects.get()) != before

    def test_suppliers_read_it_from_publication_on(self, market):
        ref = market.prepared()
        document = self.add(ref)
        teng = Actor(by="user:teng", organisation=market.teng, roles=frozenset({"supplier"}))
        assert not queries.documents_for(teng).exists()

        tenders.publish_tender(tender_ref=ref, by=MEI, at=PUBLISHED)

        assert queries.content_of(queries.documents_for(teng).get(ref=document)) == PDF

    def test_the_same_file_stands_once(self, market):
        ref = market.prepared()
        self.add(ref)

        with pytest.raises(tenders.PaperKnown):
            self.add(ref)

        assert models.TenderDocument.objects.count() == 1
        with pytest.raises(IntegrityError), transaction.atomic():
            models.TenderDocument.objects.update(size=0)

    def test_is_taken_out_of_a_draft_alone(self, market):
        ref = market.prepared()
        first = self.add(ref)
        tenders.remove_document(document_ref=first, by=WEI, at=PREPARED)
        second = self.add(ref)
        tenders.publish_tender(tender_ref=ref, by=MEI, at=PUBLISHED)

        with pytest.raises(IllegalMove):
            tenders.remove_document(document_ref=second, by=WEI, at=PUBLISHED)
        with pytest.raises(IllegalMove):
            self.add(ref, content=PDF + b"\n", at=PUBLISHED)

        assert models.TenderDocument.objects.count() == 1

    def test_a_published_tender_takes_papers_by_amendment(self, market):
        ref = market.published()
        teng = Actor(by="user:teng", organisation=market.teng, roles=frozenset({"supplier"}))
        amendment = tenders.propose_amendment(
            tender_ref=ref,
            summary="A drawing.",
            papers=[Paper("Drawing", "drawing.pdf", PDF)],
            by=WEI,
            at=PUBLISHED,
        )
        assert not queries.documents_for(teng).exists()

        tenders.publish_amendment(amendment_ref=amendment, by=HUA, at=PUBLISHED)

        assert queries.documents_for(teng).count() == 1
        assert models.Tender.objects.get().terms_version == 2

    def test_a_bad_paper_keeps_its_amendment_out(self, market):
        ref = market.published()

        with pytest.raises(BadValue):
            tenders.propose_amendment(
                tender_ref=ref,
                summary="A drawing.",
                papers=[Paper("Tool", "tool.exe", b"MZ\x90\x00")],
                by=WEI,
                at=PUBLISHED,
            )

        assert not models.Amendment.objects.exists()

    def test_who_put_it_in_does_not_publish_it(self, market):
        ref = market.prepared()
        tenders.add_document(tender_ref=ref, title="D", file_name="d.pdf", content=PDF, by=MEI, at=PREPARED)

        with pytest.raises(tenders.FourEyes):
            tenders.publish_tender(tender_ref=ref, by=MEI, at=PUBLISHED)

        assert queries.tender(ref).state == "draft"

    def test_whoever_publishes_has_seen_it(self, market):
        ref = market.prepared()
        seen = models.Tender.objects.get().revision
        self.add(ref)

        with pytest.raises(StaleWrite):
            tenders.publish_tender(tender_ref=ref, revision=seen, by=MEI, at=PUBLISHED)

        assert queries.tender(ref).state == "draft"
