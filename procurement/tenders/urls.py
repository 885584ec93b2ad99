"""Where tenders are found."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from procurement.tenders import api as doors
from procurement.tenders.web import auctions, comparing, desk, dialogue, opening, workbooks
from procurement.tenders.web import suppliers as web

router = SimpleRouter()
router.register("tenders", doors.Tenders, basename="tender")
router.register("bids", doors.Bids, basename="bid")
router.register("key-holders", doors.KeyHolders, basename="key-holder")
router.register("key-shares", doors.KeyShares, basename="key-share")
router.register("openings", doors.Openings, basename="opening")
router.register("awards", doors.Awards, basename="award")
router.register("auctions", doors.Auctions, basename="auction")
router.register("tender-questions", doors.Questions, basename="tender-question")
router.register("tender-amendments", doors.Amendments, basename="tender-amendment")
router.register("tender-documents", doors.Documents, basename="tender-document")
router.register("tender-invitations", doors.Invitations, basename="tender-invitation")
router.register("tender-complaints", doors.Complaints, basename="tender-complaint")
router.register("bid-bonds", doors.Bonds, basename="bid-bond")
router.register("overrides", doors.Overrides, basename="override")
api = router.urls

own_pages = [
    path("tenders/", web.tender_list, name="list"),
    path("tenders/desk/", desk.waiting, name="desks"),
    path("tenders/invitations/", dialogue.invitations, name="invitations"),
    path("tenders/invitations/<str:ref>/decline/", dialogue.decline, name="decline"),
    path("tenders/complaints/", dialogue.complaints, name="complaints"),
    path("tenders/complaints/<str:ref>/withdraw/", dialogue.withdraw_complaint, name="withdraw-complaint"),
    path("tenders/papers/<str:ref>/", dialogue.paper, name="paper"),
    path("tenders/questions/<str:ref>/<str:verb>/", desk.answer, name="answer"),
    path("tenders/amendments/<str:ref>/<str:verb>/", desk.settle_amendment, name="settle-amendment"),
    path("tenders/complaints/<str:ref>/<str:verb>/", desk.settle_complaint, name="settle-complaint"),
    path("tenders/compared/", comparing.compared, name="compared"),
    path("tenders/justify/", comparing.justify, name="justify"),
    path("tenders/<str:ref>/compare/", comparing.compare, name="compare"),
    path("tenders/<str:ref>/override/", comparing.ask_override, name="override"),
    path("tenders/<str:ref>/flags/<int:flag>/ask/", comparing.ask_justification, name="ask_justification"),
    path("overrides/<str:ref>/", comparing.decide_override, name="decide_override"),
    path("awards/<str:ref>/why/", comparing.why, name="why"),
    path("awards/<str:ref>/limits/", comparing.price_limits, name="price_limits"),
    path("tenders/<str:ref>/", web.tender, name="tender"),
    path("tenders/<str:ref>/ask/", dialogue.ask, name="ask"),
    path("tenders/<str:ref>/watch/", dialogue.watch, name="watch"),
    path("tenders/<str:ref>/confirm/", dialogue.confirm, name="confirm"),
    path("tenders/<str:ref>/bond/<str:verb>/", dialogue.bond, name="bond"),
    path("tenders/<str:ref>/complain/", dialogue.complain, name="complain"),
    path("tenders/<str:ref>/desk/", desk.desk, name="desk"),
    path("tenders/<str:ref>/desk/amend/", desk.amend, name="amend"),
    path("tenders/<str:ref>/desk/paper/", desk.add_paper, name="add-paper"),
    path("tenders/<str:ref>/desk/invite/", desk.invite, name="invite"),
    path("tenders/<str:ref>/desk/retender/", desk.retender, name="retender"),
    path("tenders/<str:ref>/bid/", web.seal, name="bid"),
    path("tenders/<str:ref>/workbook/", workbooks.workbook, name="workbook"),
    path("tenders/<str:ref>/bid/workbook/", workbooks.seal_workbook, name="bid_workbook"),
    path("tenders/<str:ref>/withdraw/", web.withdraw, name="withdraw"),
    path("bids/", web.bids, name="bids"),
    path("bids/<str:ref>/receipt/", web.receipt, name="receipt"),
    path("bids/<str:ref>/proof/", opening.proof, name="proof"),
    path("openings/", opening.openings, name="openings"),
    path("openings/key/", opening.own_key, name="own-key"),
    path("openings/<str:ref>/", opening.session, name="opening"),
    path("openings/<str:ref>/holders/", opening.name_holders, name="name-holders"),
    path("openings/<str:ref>/hand-in/", opening.hand_in, name="hand-in"),
    path("openings/<str:ref>/sealed/", opening.sealed, name="sealed-share"),
    path("openings/<str:ref>/acknowledge/", opening.acknowledge, name="acknowledge"),
    path("openings/<str:ref>/record/", opening.record, name="record"),
    path("tenders/<str:ref>/desk/auctions/", auctions.auction_desk, name="auction-desk"),
    path("tenders/<str:ref>/desk/auctions/plan/", auctions.plan_auction, name="plan-auction"),
    path("auctions/", auctions.auctions, name="auctions"),
    path("auctions/<str:ref>/", auctions.auction, name="auction"),
    path("auctions/<str:ref>/board/", auctions.board, name="auction-board"),
    path("auctions/<str:ref>/steps/", auctions.stream, name="auction-stream"),
    path("auctions/<str:ref>/record/", auctions.auction_record, name="auction-record"),
    path("auctions/<str:ref>/bid/", auctions.bid, name="auction-bid"),
    path("auctions/<str:ref>/stay/", auctions.stay, name="auction-stay"),
    path("auctions/<str:ref>/call-off/", auctions.call_off_auction, name="call-off-auction"),
    path("awards/", web.awards, name="awards"),
    path("awards/<str:ref>/", web.award, name="award"),
    path("awards/<str:ref>/report.pdf", web.award_report, name="award-report"),
]
pages = [path("", include((own_pages, "tenders")))]
