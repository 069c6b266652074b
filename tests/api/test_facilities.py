"""Facilities and rooms, for everybody."""


def test_a_municipality_lists_its_facilities_and_the_words_of_applications(anybody):
    found = anybody.get("/facilities").get_json()

    assert found["municipality"]["name"] == "みどり市"
    assert found["municipality"]["time_zone"] == "Asia/Tokyo"
    assert [one["slug"] for one in found["facilities"]] == ["chuo", "kita"]
    assert {"id": "group", "name": "登録団体"} in found["municipality"]["applicant_classes"]
    assert {"id": "music", "name": "音楽"} in found["municipality"]["purposes"]


def test_a_facility_tells_where_it_is_and_whom_to_call(anybody):
    found = anybody.get("/facilities/chuo").get_json()

    assert (found["name"], found["phone"]) == ("中央会館", "00-0000-0002")
    assert found["rooms"][:2] == ["room-1", "room-2"]


def test_rooms_tell_how_their_day_is_divided(anybody):
    rooms = {room["slug"]: room for room in anybody.get("/facilities/chuo/rooms").json["rooms"]}

    assert rooms["room-1"]["division"] == {
        "kind": "unit", "minutes": 60, "at_least": 1, "at_most": None,
    }  # fmt: skip
    assert rooms["hall"]["division"]["periods"][0] == {
        "id": "am", "name": "午前", "from": "09:00", "to": "12:00",
    }  # fmt: skip
    assert (rooms["lobby"]["capacity"], rooms["kitchen"]["clean_up_minutes"]) == (None, 30)


def test_what_is_not_here_is_not_found(anybody):
    for path in ("/facilities/nowhere", "/facilities/nowhere/rooms", "/nothing", "/facilities/A"):
        assert anybody.get(path, status=404).json["title"] == "見つかりません"
